// Owns the bundling of the browser sources with esbuild; knows nothing of npm or Python.
//   node webapp/assets/build.mjs           the shipped bundles, into webapp/static/dist
//   node webapp/assets/build.mjs --tests   the test-only bundle, into tests/browser/dist
//   --outdir FOLDER                        another place
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const assets = dirname(fileURLToPath(import.meta.url));
const root = join(assets, '..', '..');
const { values: options } = parseArgs({ options: { tests: { type: 'boolean' }, outdir: { type: 'string' } } });
const entries = options.tests ? ['roundtrip'] : ['app', 'viewer'];
const outdir = options.outdir ?? join(root, ...(options.tests ? ['tests', 'browser', 'dist'] : ['webapp', 'static', 'dist']));

rmSync(outdir, { recursive: true, force: true });
const result = await esbuild.build({
  absWorkingDir: root,
  entryPoints: entries.map((name) => join(assets, `${name}.js`)),
  outdir,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
});

for (const file of Object.keys(result.metafile.outputs).filter((name) => /\.(js|css)$/.test(name)).sort()) {
  const bytes = readFileSync(join(root, file));
  const kilobytes = (size) => `${(size / 1024).toFixed(0)} kB`;
  console.log(`${relative(outdir, join(root, file))}  ${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes).length)} compressed`);
}
