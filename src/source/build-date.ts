const day = 86_400_000;
/** No time zone is further from UTC. */
const anyZone = 14 * 3_600_000;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sat Jan  1 00:00:00 UTC 2028`, as date(1) prints it (scripts/mkcompile_h, init/Makefile). */
const fullDate =
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:(\S{1,8}) )?(\d{4})\b/;
/** `(2026-07-02)`, which Debian puts in its place. */
const plainDate = /\((\d{4})-(\d\d)-(\d\d)\)/;

/** The latest moment, in milliseconds since 1970, at which a kernel with this version can have been built. */
export function builtBefore(version: string | undefined): number | undefined {
  const [, month, date, hour, minute, second, zone, year] = fullDate.exec(version ?? '') ?? [];
  if (month !== undefined) {
    const at = Date.UTC(
      Number(year),
      Math.max(months.indexOf(month), 0),
      Number(date),
      Number(hour),
      Number(minute),
      Number(second),
    );
    return zone === 'UTC' || zone === 'GMT' ? at + 1000 : at + anyZone;
  }
  const [, plainYear, plainMonth, plainDay] = plainDate.exec(version ?? '') ?? [];
  if (plainYear === undefined) return undefined;
  return Date.UTC(Number(plainYear), Number(plainMonth) - 1, Number(plainDay)) + day + anyZone;
}
