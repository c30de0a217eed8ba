import type { Checkup, KernelCheckup, PartCheckup, PartName } from '../../model/doctor.ts';
import { printable } from '../escape.ts';
import { type Section, sectionLines } from './section.ts';
import { type Paragraph, type Span, wrap } from './spans.ts';
import type { Tone } from './style.ts';
import { bytes, count, listed } from './words.ts';

type Look = Parameters<typeof sectionLines>[2];

const partLabels: Readonly<Record<PartName, string>> = {
  vmlinux: 'vmlinux',
  modules: 'Modules',
  systemMap: 'Map',
  source: 'Source',
};

const stateWords: Readonly<Record<PartCheckup['state'], { readonly text: string; readonly tone: Tone }>> = {
  found: { text: 'found', tone: 'good' },
  partly: { text: 'partly', tone: 'warning' },
  refused: { text: 'not used', tone: 'warning' },
  missing: { text: 'missing', tone: 'warning' },
};

/** What is gained by parts whose names do not say it. */
const partUses: Readonly<Partial<Record<PartName, string>>> = {
  systemMap: 'System.map: functions of bare addresses, without vmlinux',
  source: 'shows the lines themselves: --source FOLDER',
};

function partSection({ part, state, path, words }: PartCheckup): Section {
  const { text, tone } = stateWords[state];
  // What is only good to have is no trouble.
  const isNeeded = part === 'vmlinux' || part === 'modules';
  const pieces: (string | Span)[] = [{ text, tone: isNeeded || state === 'found' ? tone : 'quiet' }];
  if (path !== undefined) pieces.push(printable(`: ${path}`));
  const more = words ?? (state === 'found' ? undefined : partUses[part]);
  if (more !== undefined) pieces.push(printable(` (${more})`));
  return { label: partLabels[part], paragraphs: [pieces] };
}

function kernelName({ release, running, logs, machine }: KernelCheckup): string {
  const name = release ?? 'a kernel that does not say its release';
  const where = running ? [`which runs here${machine === undefined ? '' : ` (${machine})`}`] : [];
  const shown = logs.slice(0, 3);
  const more = logs.length > shown.length ? [count(logs.length - shown.length, 'more log')] : [];
  const of = logs.length > 0 ? [`of ${listed([...shown, ...more])}`] : [];
  return `${name}, ${[...where, ...of].join(', ')}`;
}

function* kernelLines(kernel: KernelCheckup, width: number, painter: Look): Generator<string> {
  yield* wrap([{ text: printable(`Kernel ${kernelName(kernel)}`), tone: 'strong' }], width, painter, '', '  ');
  const facts = [kernel.version, kernel.buildId === undefined ? undefined : `build ID ${kernel.buildId}`];
  const told = facts.filter((fact) => fact !== undefined);
  if (told.length > 0)
    yield* sectionLines({ label: 'Build', paragraphs: [printable(told.join(', '))] }, width, painter);
  for (const part of kernel.parts) yield* sectionLines(partSection(part), width, painter);
  const { how } = kernel;
  if (how === undefined) return;
  const paragraphs: Paragraph[] = [
    // Commands to copy are never broken over two lines.
    ...how.commands.map((text) => [{ text: printable(text), tone: 'strong' as const, whole: true }]),
    ...how.notes.map(printable),
  ];
  yield* sectionLines(
    { label: 'To get', paragraphs: [printable(`${how.distribution}:`), ...paragraphs] },
    width,
    painter,
  );
}

function toolsSection({ tools }: Checkup): Section {
  const there = tools.filter(({ path }) => path !== undefined);
  const missing = tools.filter(({ path }) => path === undefined);
  const paragraphs = there.map(({ name, version, problem, path }) =>
    printable(`${name} ${version ?? problem ?? ''} (${path})`),
  );
  if (missing.length > 0)
    paragraphs.push(
      `Not in PATH: ${listed(missing.map(({ name, use }) => `${name} (${use})`))}. None of them is needed.`,
    );
  return { label: 'Tools', paragraphs };
}

function serversSection({ debuginfod: { servers, problem } }: Checkup): Section {
  if (problem !== undefined) return { label: 'Servers', paragraphs: [printable(`None is asked: ${problem}.`)] };
  return { label: 'Servers', paragraphs: [printable(`${servers.join(' ')} (asked with --debuginfod)`)] };
}

function cachesSection({ caches }: Checkup): Section {
  const paragraphs = caches.map(({ name, path, files, bytes: size = 0, incomplete }) => {
    const amount =
      files === undefined ? 'not there' : `${incomplete ? 'more than ' : ''}${count(files, 'file')}, ${bytes(size)}`;
    return printable(`${name}: ${path} (${amount})`);
  });
  return { label: 'Caches', paragraphs };
}

/** What `ktriage doctor` found, as lines without their line ends. */
export function* checkupLines(checkup: Checkup, width: number, painter: Look): Generator<string> {
  const system = checkup.system === undefined ? '' : `, ${checkup.system}`;
  yield* wrap(printable(`ktriage ${checkup.ktriage} on Node ${checkup.node}${system}.`), width, painter);
  for (const kernel of checkup.kernels) {
    yield '';
    yield* kernelLines(kernel, width, painter);
  }
  for (const { log, why } of checkup.unclear) {
    yield '';
    yield* wrap([{ text: 'Cannot tell', tone: 'warning' }, printable(`: ${log}: ${why}.`)], width, painter, '', '  ');
  }
  yield '';
  for (const section of [toolsSection(checkup), serversSection(checkup), cachesSection(checkup)])
    yield* sectionLines(section, width, painter);
}
