import { bundleOf } from './built-function.ts';
import type { Benchmark } from './benchmark.ts';
import type { Row } from './row.ts';
import { loadedCode } from './static-imports.ts';

const benchmark = 'lake-init';
/** 1 KB is 1000 bytes. */
const MAX_INIT_KB = 300;

/** Code that lake-writer loads at init. */
export const lakeInit: Benchmark = {
  name: benchmark,
  run: async () => {
    const { atInit, onDemand } = await loadedCode(bundleOf('lake-writer'));
    return {
      rows: [
        { ...codeRow(`code at init, ${atInit.size} files`, atInit), target: { atMost: MAX_INIT_KB } },
        codeRow(`code on demand, ${onDemand.size} files`, onDemand),
      ],
    };
  },
};

function codeRow(measure: string, files: ReadonlyMap<string, number>): Row {
  const bytes = [...files.values()].reduce((sum, each) => sum + each, 0);
  return { benchmark, measure, value: bytes / 1000, unit: 'KB' };
}
