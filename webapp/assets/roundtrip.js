// Owns opening a model in the real modeler and saving it again (tests and authors only, never shipped).
// Knows nothing of files: it takes text and gives text.
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import Modeler from 'bpmn-js/lib/Modeler';

/**
 * Import a model as Camunda Modeler would and save it, formatted.
 *
 * @param {string} xml a BPMN 2.0 file
 * @returns {Promise<{xml: string, warnings: string[]}>} what the modeler writes, and what it could not read
 */
window.roundtrip = async (xml) => {
  const container = document.createElement('div');
  document.body.append(container);
  const modeler = new Modeler({ container, moddleExtensions: { camunda } });
  try {
    const { warnings } = await modeler.importXML(xml);
    const saved = await modeler.saveXML({ format: true });
    return { xml: saved.xml, warnings: warnings.map((warning) => warning.message) };
  } finally {
    modeler.destroy();
    container.remove();
  }
};
