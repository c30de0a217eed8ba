import { printable } from '../../report/escape.ts';
import { configPlaces, readLayers } from '../config-files.ts';
import { StreamOutput } from '../output.ts';
import { type Chosen, choose } from '../resolve-settings.ts';
import type { Session } from '../session.ts';
import { type Setting, settingTable } from '../settings.ts';

function row(setting: Setting<unknown>, chosen: Chosen<unknown>): string {
  const value = chosen.value === undefined ? '(the usual one)' : String(chosen.value);
  return printable(`${setting.key.padEnd(10)} ${value.padEnd(16)} ${chosen.source}`);
}

/** `ktriage config --show`: each setting, its value and where the value comes from. */
export async function runConfig(session: Session): Promise<void> {
  const layers = readLayers(session, {});
  const lines = Object.values(settingTable).map((setting: Setting<unknown>) => row(setting, choose(setting, layers)));
  const found = new Set(layers.files.map((file) => file.path));
  const files = configPlaces(session).map(
    ({ name }, index) =>
      `${index === 0 ? 'project' : 'user'} file: ${printable(name)}${found.has(name) ? '' : ' (not there)'}`,
  );
  await new StreamOutput(session.stdout).write(`${[...lines, '', ...files].join('\n')}\n`);
}
