/** A list of 32-bit integers that grows at its end, without a boxed array in between. */
export interface GrowingIntegers {
  push(integer: number): void;
  readonly length: () => number;
  integers(): Int32Array;
}

export function growingIntegers(): GrowingIntegers {
  let integers = new Int32Array(256);
  let length = 0;
  return {
    push: (integer) => {
      if (length === integers.length) {
        const larger = new Int32Array(2 * length);
        larger.set(integers);
        integers = larger;
      }
      integers[length] = integer;
      length += 1;
    },
    length: () => length,
    integers: () => integers.slice(0, length),
  };
}
