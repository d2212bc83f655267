import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What writes past the types of a resource, and so past what the provider's schema says of it. */
const HATCHES =
  /^(addOverride|addMetadata|overrideLogicalId|resetOverrideLogicalId|TerraformHclModule|Fn|Lazy|Token)$/;

/**
 * The ways round the provider's types in a source: a type that says nothing, an assertion other than `as const`, a
 * comment that silences the compiler, a method or class that writes what it is given.
 */
function escapeHatches(source: string): readonly string[] {
  const found = [...source.matchAll(/@ts-(?:ignore|expect-error|nocheck)/g)].map(([comment]) => comment);
  const visit = (node: ts.Node): void => {
    const isHatch =
      node.kind === ts.SyntaxKind.AnyKeyword ||
      (ts.isAsExpression(node) && node.type.getText() !== 'const') ||
      ts.isTypeAssertionExpression(node) ||
      ts.isNonNullExpression(node) ||
      (ts.isIdentifier(node) && HATCHES.test(node.text));
    if (isHatch) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

test.each([
  ['queue.addOverride("fifo_queue", true);', 'addOverride'],
  ['const config = {} as SqsQueueConfig;', '{} as SqsQueueConfig'],
  ['const config: any = {};', 'any'],
  ['const name = queue.name!;', 'queue.name!'],
  ['// @ts-expect-error: the provider lags behind', '@ts-expect-error'],
  ['const url = Token.asString(queue.url);', 'Token'],
])('%s is found', (source, hatch) => {
  expect(escapeHatches(source)).toContain(hatch);
});

test('what an assertion to constants narrows is no way round', () => {
  expect(escapeHatches("const kinds = ['S3', 'SQS'] as const;")).toEqual([]);
});

test.each(
  ['constructs', 'stacks'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(folder, file)),
  ),
)(
  '%s gives every resource what the provider’s types say, nothing past them, and loads what it makes alone',
  (file) => {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    expect(escapeHatches(source)).toEqual([]);
    // The whole provider is some 470 MB of sources.
    expect(source).not.toMatch(/'@cdktn\/provider-aws(\/index\.js)?'/);
  },
);
