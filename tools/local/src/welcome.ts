import pc from 'picocolors';
import type { LocalJson, LocalSource } from './local-json.ts';
import type { Stack } from './start-stack.ts';

/** What `npm start` says once: what there is, where, and how to try it. */
export function welcome({ local, summary, logsDirectory }: Stack): string {
  const made = Object.entries(summary.counts).map(([noun, count]) => `${count} ${noun}`);
  const { sqs, s3, dynamodb, secretsmanager, events, ssm } = local.aws.endpoints;
  const unknown =
    summary.unknownTypes.length === 0
      ? []
      : [pc.yellow(`not made    resource types unknown here: ${summary.unknownTypes.join(', ')}`)];
  const unplayed =
    summary.unplayedAlarms.length === 0
      ? []
      : [pc.yellow(`not played  alarms on what is not measured here: ${summary.unplayedAlarms.join(', ')}`)];
  const notPlayed = Object.entries(summary.notPlayed).map(([purpose, types]) =>
    pc.dim(`not played  ${purpose}: ${types.join(', ')}`),
  );
  return [
    '',
    `${pc.bold('made')}        ${made.join(', ')}`,
    ...notPlayed,
    ...unknown,
    ...unplayed,
    `${pc.bold('AWS')}         ${summary.aws}`,
    pc.dim(`            sqs ${sqs}  s3 ${s3}  dynamodb ${dynamodb}`),
    pc.dim(`            secretsmanager ${secretsmanager}  events ${events}  ssm ${ssm}`),
    `${pc.bold('Genesys')}     ${local.genesys.api} ${pc.dim('login and Platform API')}`,
    ...local.resources.partner.map(({ key, busName }) => `            ${pc.dim(`bus ${key}`)} ${busName}`),
    `${pc.bold('lands')}       ${landings(local).join(', ')}`,
    `${pc.bold('logs')}        ${logsDirectory}/*.ndjson`,
    `${pc.bold('control')}     ${local.control}`,
    ...local.sources.flatMap((source) => [
      '',
      `${pc.bold(`source ${source.key}`)}  ${describeScheme(source)}  ${pc.dim(source.url)}`,
      curlExample(source),
    ]),
    '',
  ].join('\n');
}

/** Where people find what comes of an outcome. */
function landings({ resources, crm }: LocalJson): readonly string[] {
  const teams = Object.keys(resources.qaQueueUrls);
  return [
    ...(resources.lakeBucket === '' ? [] : [`lake s3://${resources.lakeBucket}/outcomes/`]),
    ...(resources.transcriptsBucket === '' ? [] : [`transcripts s3://${resources.transcriptsBucket}/`]),
    ...(teams.length === 0 ? [] : [`QA queues ${teams.join(' ')}`]),
    `CRM ${crm.url}/__deliveries`,
  ];
}

function describeScheme({ scheme }: LocalSource): string {
  return typeof scheme === 'string' ? scheme : scheme.kind;
}

const BODY =
  '{"event_type":"conversation:created","conversation_id":"c-1","type":"voice","timestamp":"2026-11-20T09:00:00.000Z","direction":"inbound"}';

/** A signed request to paste into a shell, made with openssl so that nothing of ours is needed. */
export function curlExample({ scheme, url, secret }: LocalSource, body = BODY): string {
  const post = (headers: readonly string[]): string =>
    `curl -sS '${url}' -H 'content-type: application/json' ${headers.map((header) => `-H "${header}"`).join(' ')} -d "$body"`;
  const mac = (input: string, key: string): string =>
    `printf %s "${input}" | openssl dgst -sha256 -mac HMAC -macopt ${key}`;
  const bodyLine = `body='${body}'`;
  switch (typeof scheme === 'string' ? scheme : scheme.kind) {
    case 'genesys-webhook':
      return `${bodyLine}\n${post([`x-genesys-webhook-signature: $(${mac('$body', `key:${secret}`)} -r | cut -d' ' -f1)`])}`;
    case 'open-messaging':
      return `${bodyLine}\n${post([`x-hub-signature-256: sha256=$(${mac('$body', `key:${secret}`)} -binary | base64)`])}`;
    case 'standard-webhooks': {
      const key = `hexkey:${Buffer.from(secret.replace(/^whsec_/, ''), 'base64').toString('hex')}`;
      const signature = `webhook-signature: v1,$(${mac('$id.$at.$body', key)} -binary | base64)`;
      return `${bodyLine} id="msg-$(date +%s%N)" at=$(date +%s)\n${post(['webhook-id: $id', 'webhook-timestamp: $at', signature])}`;
    }
    default:
      return '';
  }
}
