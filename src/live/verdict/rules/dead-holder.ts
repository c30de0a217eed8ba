import type { HangRule } from '../facts.ts';
import { atWords, listWords, locationOf, lockWords, siteEvidence, siteFunction, siteWords, who } from '../words.ts';

/** States of a task that never runs again. */
const dead: ReadonlySet<string> = new Set(['X', 'Z']);

/** A lock whose owner is dead: nobody will ever give it back. */
export const deadHolder: HangRule = {
  name: 'dead-holder',
  find: ({ contentions, tasks, log, places }) =>
    contentions.flatMap((contention) => {
      const holder = contention.holders.find(({ isGone, thread }) => isGone === true || dead.has(thread?.state ?? ''));
      const [wait, ...others] = contention.waits;
      if (holder === undefined || wait === undefined) return [];
      // What is at the address now is another one.
      const task = holder.isGone === true ? undefined : tasks.find(({ address }) => address === holder.task);
      const name = task === undefined ? undefined : `${task.comm} (pid ${task.pid})`;
      // Who oopsed with it held: the log's last report of that task.
      const report = log?.reports.find(
        (each) => task !== undefined && each.task?.pid === task.pid && each.task.comm === task.comm,
      );
      const orphan = name === undefined && log?.reports.length === 1 ? log.reports[0] : undefined;
      const oops = report ?? orphan;
      const owner =
        name ??
        (orphan?.task?.comm === undefined
          ? 'a task that is gone'
          : `a task that is gone, probably ${orphan.task.comm}`);
      const place = oops && places?.get(oops);
      const where = place === undefined ? '' : atWords(place.at, place.inlinedInto);
      const how = oops === undefined ? '' : `, which died of "${oops.title}"${where}`;
      return [
        {
          confidence: 'certain' as const,
          sentence: `${who(wait.site.thread)} waits for ever${siteWords(wait.site)} in ${siteFunction(wait.site)} for ${lockWords(contention)}: its owner is ${owner}${how}.`,
          evidence: [
            siteEvidence(`waits for ${lockWords(contention)}`, wait.site),
            {
              words: `The owner field says 0x${(holder.task ?? 0n).toString(16)}, ${name === undefined ? 'which is no task any more' : `${name}, whose state is ${task?.state ?? '?'}`}`,
              ...(holder.task !== undefined && { address: holder.task }),
            },
            ...(others.length === 0
              ? []
              : [{ words: `${listWords(others.map(({ site }) => who(site.thread)))} wait for it too` }]),
            ...(oops === undefined ? [] : [{ words: `The log says: ${oops.title}`, firstLine: oops.range.firstLine }]),
          ],
          location: locationOf(place?.at ?? wait.site.at),
        },
      ];
    }),
};
