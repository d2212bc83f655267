import type { ServerResponse } from 'node:http';

import type { Operation, Service } from './operation.ts';

interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const JSON_VERSION: Readonly<Record<Exclude<Service, 's3'>, string>> = {
  sqs: '1.0',
  dynamodb: '1.0',
  secretsmanager: '1.1',
  events: '1.1',
  ssm: '1.1',
  sfn: '1.0',
};

/** Answers as the service does when it throttles: the SDK recognises it and retries. */
export function answerThrottled(response: ServerResponse, call: Operation): void {
  answerError(response, call, throttlingOf(call.service));
}

/** Answers 503 in the service's own form. */
export function answerUnavailable(response: ServerResponse, call: Operation): void {
  answerError(response, call, { status: 503, code: 'ServiceUnavailable', message: 'Please try again.' });
}

function throttlingOf(service: Service | undefined): ErrorAnswer {
  switch (service) {
    case 's3':
      return { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
    case 'dynamodb':
      return {
        status: 400,
        code: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
        message: 'The level of configured provisioned throughput for the table was exceeded.',
      };
    case 'sqs':
    case 'secretsmanager':
    case 'events':
    case 'ssm':
    case 'sfn':
      return { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' };
    case undefined:
      return { status: 429, code: 'TooManyRequestsException', message: 'Rate exceeded' };
  }
}

function answerError(response: ServerResponse, { service, operation }: Operation, answer: ErrorAnswer): void {
  const { status, code, message } = answer;
  if (service === 's3') {
    response.writeHead(status, { 'content-type': 'application/xml' });
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.end(operation.startsWith('Head') ? undefined : xml);
    return;
  }
  const version = service === undefined ? '1.1' : JSON_VERSION[service];
  response.writeHead(status, { 'content-type': `application/x-amz-json-${version}` });
  response.end(JSON.stringify({ __type: code, message }));
}
