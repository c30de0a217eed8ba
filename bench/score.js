// Scores ktriage against the corpora of other projects that lie beside this one (../shared), if they do.
//   npm run score                 the corpora as they are
//   npm run score -- --decorations[=A,B]   and as other pipes deliver them (all, or the named ones)
//   npm run score -- --verbose    with every mismatch
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const shared = join(here, '..', '..', 'shared');
const corpus = join(shared, 'corpus');
if (!existsSync(corpus)) {
  console.log('score: skipped, no ../shared/corpus beside this checkout');
  process.exit(0);
}

const args = process.argv.slice(2);
const verbose = args.includes('--verbose') ? ['--verbose'] : [];
const decorations = args.find((a) => a.startsWith('--decorations'));
const env = { ...process.env, KTRIAGE: `'${process.execPath}' '${join(here, '..', 'bin', 'ktriage.js')}'` };

function run(tool, extra) {
  const result = spawnSync(join(shared, 'tools', tool), [corpus, ...verbose, ...extra], { env, stdio: 'inherit' });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

let status = run('score-corpus', []);
status ||=
  spawnSync(process.execPath, [join(here, 'score-decompile.js'), corpus, ...verbose], { stdio: 'inherit' }).status ?? 1;
if (decorations !== undefined) {
  const names = decorations.split('=')[1];
  status ||= run('score-decorations', names === undefined ? [] : ['--names', names]);
}
process.exit(status);
