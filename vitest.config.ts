import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      // High where a mistake is a wrong answer; what draws and wires is tested as a whole program too, which v8 does not see.
      thresholds: {
        'src/log/**': { lines: 96, statements: 95, functions: 96, branches: 84 },
        'src/oops/**': { lines: 97, statements: 96, functions: 96, branches: 90 },
        'src/arch/**': { lines: 94, statements: 94, functions: 98, branches: 84 },
        'src/elf/**': { lines: 95, statements: 94, functions: 95, branches: 85 },
        'src/io/**': { lines: 92, statements: 90, functions: 90, branches: 78 },
        'src/util/**': { lines: 90, statements: 90, functions: 90, branches: 84 },
      },
    },
  },
});
