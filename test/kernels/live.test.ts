import { expect, inject, test } from 'vitest';
test('x', () => { console.log(JSON.stringify(inject('guests').map(({ modules, ...rest }) => rest), undefined, 1)); });
