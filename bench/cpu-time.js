// Loaded into a measured process with --import: tells its processor time, of all threads, when it ends.

import { writeFileSync } from 'node:fs';

const path = process.env.KTRIAGE_BENCH_CPU;
if (path) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(path, String(user + system));
  });
}
