import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { runLive } from '../guest/run-live.ts';
import { scenarioTruths } from '../guest/scenarios.ts';
import { projectRoot } from '../helpers/built.ts';
import { guestModules } from './guest-files.ts';
import { digest, expectTruth, readLiveJson } from './live-document.ts';

/** Guests of test/guest as `ktriage live --save` has kept them; see the README there. */
const folder = join(projectRoot, 'test', 'kernels', 'snapshots');
const update = process.env.KTRIAGE_UPDATE === '1';

const say = (text: string): void => void process.stderr.write(`test:kernels: snapshots: ${text}\n`);

const kernels = inject('kernels');
const temporary: string[] = [];

/** A folder with links to all files of a run, so that no path of this machine is in what is printed. */
function workingFolder(links: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), 'ktriage-snapshot-'));
  temporary.push(made);
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(made, name));
  return made;
}

afterAll(() => {
  for (const each of temporary) rmSync(each, { recursive: true, force: true });
});

const snapshots = readdirSync(folder)
  .flatMap((file) => {
    const [, kernel, scenario] = /^(\d+\.\d+-[a-z]+\d+)-(.+)\.snap$/.exec(file) ?? [];
    return kernel === undefined || scenario === undefined ? [] : [{ file, kernel, scenario }];
  })
  .sort((a, b) => (a.file < b.file ? -1 : 1));

describe('saved guests', () => {
  for (const { file, kernel, scenario } of snapshots) {
    const name = file.replace(/\.snap$/, '');
    const files = kernels.find((each) => each.name === kernel);
    const modules = files && guestModules(files.release);
    if (files === undefined || modules === undefined || !existsSync(modules)) {
      const why = files === undefined ? 'the kernel is not there' : `no kthang.ko of ${files.release}`;
      say(`${name}: SKIPPED, ${why}`);
      test.skip(`${name}: SKIPPED, ${why}`, () => {});
      continue;
    }
    test(name, { timeout: 120_000 }, async () => {
      const truth = scenarioTruths[scenario];
      if (truth === undefined) throw new Error(`nothing is known of ${scenario}`);
      const cwd = workingFolder({ vmlinux: files.vmlinux, modules, 'guest.snap': join(folder, file) });
      const from = ['--from', 'guest.snap', '--vmlinux', 'vmlinux', '--modules', 'modules'];
      const asText = await runLive(from, cwd);
      const asJson = await runLive([...from, '--format', 'json'], cwd);
      const status = truth.outcome === 'healthy' ? 0 : 1;
      expect([asText.status, asJson.status], asText.stderr).toEqual([status, status]);
      const document = readLiveJson(asJson.stdout);
      expectTruth(document, truth);
      expect(asText.stdout.replace(/\s+/g, ' ')).toContain(document.verdict.sentence.replace(/\s+/g, ' '));

      const said = { [`${name}.txt`]: asText.stdout, [`${name}.json`]: digest(document) };
      for (const [path, text] of Object.entries(said))
        if (update) writeFileSync(join(folder, path), text);
        else expect(text, path).toBe(readFileSync(join(folder, path), 'utf8'));
    });
  }
});
