// Loaded into a measured process with --import: tells its peak memory when it ends.

import { writeFileSync } from 'node:fs';

const path = process.env.KTRIAGE_BENCH_MEMORY;
if (path) process.on('exit', () => writeFileSync(path, String(process.resourceUsage().maxRSS)));
