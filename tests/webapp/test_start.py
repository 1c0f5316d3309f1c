"""Starting as people meet it: what they may start, in words for them and not for who looks after the process."""

from tests.webapp.site import Visitor


def test_what_may_be_started_is_told_to_who_starts_it(ines: Visitor) -> None:
    text = ines.get("/start").text
    assert "Say what you wish for." in text
    assert "Somebody wishes something, the desk answers." not in text


def test_the_form_to_start_with_does_not_tell_how_the_process_is_run(ines: Visitor) -> None:
    assert "Somebody wishes something, the desk answers." not in ines.get("/start/handle_wish").text


def test_process_owners_read_what_the_process_is_for(petra: Visitor) -> None:
    (address,) = {link for link in petra.get("/processes").links() if "/versions/" in link}
    assert "Somebody wishes something, the desk answers." in petra.get(address).text
