// The adapters that bring the SDK with them, apart from the index: see `@aftercall/queue/sqs`.
export { secretsManagerSecretStore } from './secretsmanager-secret-store.ts';
export { secretsManagerSecrets } from './secretsmanager-secrets.ts';
