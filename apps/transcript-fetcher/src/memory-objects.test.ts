import { memoryObjects } from './memory-objects.ts';
import { objectWriterContract } from './object-writer-contract.ts';

objectWriterContract('memory', async () => {
  const { open, visible, unfinished } = memoryObjects();
  return { open, read: async (key) => visible.get(key), unfinished, close: async () => undefined };
});
