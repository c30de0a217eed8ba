import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need big files that are fetched: `npm run test:kernels`.
    exclude: ['test/kernels/**'],
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      // High where a mistake is a wrong answer; what draws and wires is tested as a whole program too, which v8 does not see.
      thresholds: {
        'src/log/**': { lines: 95, statements: 94, functions: 95, branches: 83 },
        'src/oops/**': { lines: 96, statements: 95, functions: 95, branches: 87 },
        'src/arch/**': { lines: 92, statements: 92, functions: 95, branches: 82 },
        'src/elf/**': { lines: 90, statements: 90, functions: 92, branches: 80 },
        'src/io/**': { lines: 90, statements: 88, functions: 88, branches: 75 },
        'src/util/**': { lines: 88, statements: 88, functions: 88, branches: 82 },
      },
    },
  },
});
