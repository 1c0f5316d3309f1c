// Owns the bundling of the browser sources with esbuild; knows nothing of npm or Python.
//   node webapp/assets/build.mjs           the shipped bundles, into webapp/static/dist
//   node webapp/assets/build.mjs --tests   the test-only bundle, into tests/browser/dist
//   --outdir FOLDER                        another place
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
});

// The licences ask that their text go with every copy.
const libraries = new Set(Object.keys(result.metafile.inputs)
  .map((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
  .filter(Boolean));
const licences = [...libraries].sort().map((name) => {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e(\.\w+)?$/i.test(one));
  const text = file ? readFileSync(join(folder, file), 'utf8') : `${license}\n`;
  return `${name} ${version}\n\n${text.trim()}\n`;
});
writeFileSync(join(outdir, 'LICENCES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));

for (const file of Object.keys(result.metafile.outputs).filter((name) => /\.(js|css)$/.test(name)).sort()) {
  const bytes = readFileSync(join(root, file));
  const kilobytes = (size) => `${(size / 1024).toFixed(0)} kB`;
  console.log(`${relative(outdir, join(root, file))}  ${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes).length)} compressed`);
}
