import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, plainEnvironment, projectRoot } from '../helpers/built.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-load-'));
const built = join(projectRoot, 'dist', 'program');
/** Of the Node that made the build, which runs this. */
const key = `${process.version}-${process.arch}-${statSync(process.execPath).size}`;
const codes = join('dist', 'program', 'code', key);

beforeAll(() => ensureBuilt(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the program whose files may be damaged. */
function copy(name: string, withProgram = true): string {
  const top = join(folder, name);
  cpSync(join(projectRoot, 'bin'), join(top, 'bin'), { recursive: true });
  cpSync(join(projectRoot, 'package.json'), join(top, 'package.json'));
  symlinkSync(join(projectRoot, 'node_modules'), join(top, 'node_modules'));
  if (withProgram) cpSync(built, join(top, 'dist', 'program'), { recursive: true });
  return top;
}

function run(top: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(top, 'bin', 'ktriage.js'), ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: plainEnvironment(),
    timeout: 60_000,
  });
}

const sample = 'samples/ktsample-null-x86-64.log';

describe('the code that the build keeps', () => {
  const kept = () => readdirSync(join(projectRoot, codes));

  test('is there for the files that the samples need, and V8 takes it', () => {
    expect(kept().length).toBeGreaterThan(10);
    for (const name of kept()) {
      const source = readFileSync(join(built, name.replace(/\.code$/, '')), 'latin1');
      const script = new Script(source, { cachedData: readFileSync(join(projectRoot, codes, name)) });
      expect(script.cachedDataRejected, name).toBe(false);
    }
  });

  test('changes no answer: without it, and with that of another V8, the program says the same', () => {
    const expected = run(projectRoot, 'analyze', '--modules', 'samples/modules', sample);
    expect(expected).toMatchObject({ status: 1, stderr: '' });
    const without = copy('without');
    rmSync(join(without, 'dist', 'program', 'code'), { recursive: true });
    const other = copy('other');
    for (const name of kept()) {
      const path = join(other, codes, name);
      const bytes = readFileSync(path);
      // The second word is a hash of V8's version.
      bytes.writeUInt32LE((bytes.readUInt32LE(4) ^ 0x5a5a5a5a) >>> 0, 4);
      writeFileSync(path, bytes);
    }
    for (const top of [without, other]) {
      const { status, stdout, stderr } = run(top, 'analyze', '--modules', 'samples/modules', sample);
      expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: expected.stdout, stderr: '' });
    }
  });

  test('is for no other Node, whatever its V8 calls itself', () => {
    const foreign = copy('foreign');
    // V8 takes what has the right head, and dies of what is behind it.
    for (const name of kept()) {
      const path = join(foreign, codes, name);
      const bytes = readFileSync(path);
      writeFileSync(path, Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(bytes.length - 32, 0xa5)]));
    }
    renameSync(join(foreign, codes), join(foreign, 'dist', 'program', 'code', key.replace(/\d+$/, '1')));
    expect(run(foreign, '--version')).toMatchObject({ status: 0, stderr: '' });
  });

  test('is not taken where it ends early', () => {
    const short = copy('short');
    for (const name of kept()) {
      const path = join(short, codes, name);
      writeFileSync(path, readFileSync(path).subarray(0, 100));
    }
    expect(run(short, '--version')).toMatchObject({ status: 0, stderr: '' });
  });
});

test('a checkout that is not built says so', () => {
  const { status, stderr } = run(copy('unbuilt', false), '--version');
  expect(status).toBe(2);
  expect(stderr).toContain('is not built');
  expect(stderr).toContain('npm run build');
});

describe('the end of the process', () => {
  test('is no success if the program never came to its end', () => {
    const top = copy('endless');
    writeFileSync(
      join(top, 'dist', 'program', 'main.cjs'),
      readFileSync(join(built, 'main.cjs'), 'utf8').replace(/await \w+\.t\(/, 'await new Promise(()=>{});('),
    );
    expect(run(top, '--version').status).toBe(2);
  });
});
