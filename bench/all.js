// All benchmarks that `npm run bench` prints, one after the other; each takes the options that it knows.

await import('./scan.js');
await import('./symbolize.js');
await import('./explain.js');
await import('./formats.js');
