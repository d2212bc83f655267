export { startFaultProxy } from './fault-proxy.ts';
export type { Call, FaultProxy, FaultProxyOptions } from './fault-proxy.ts';
export { startFunctionProxies } from './function-proxies.ts';
export type { FunctionProxies, ProxiedService } from './function-proxies.ts';
export type { Fault, Rule } from './rule.ts';
export type { Operation, Service } from './operation.ts';
