export { eventbridgeFacts, FactsRefusedError } from './eventbridge-facts.ts';
