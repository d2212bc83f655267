export { runDemo } from './run-demo.ts';
export type { DemoAudience, DemoOptions, DemoResult, Progress } from './run-demo.ts';
export type { Breaches, DemoReport, PromiseName } from './demo-report.ts';
