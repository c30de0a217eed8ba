import { defineConfig } from 'vitest/config';

/** `npm run test:kernels`: tests against kernels of a distribution, which are fetched (3 GB in all). */
export default defineConfig({
  test: {
    include: ['test/kernels/**/*.test.ts'],
    globalSetup: ['test/kernels/setup.ts'],
    testTimeout: 300_000,
    // Each file keeps two cores and a gigabyte busy by itself.
    fileParallelism: false,
  },
});
