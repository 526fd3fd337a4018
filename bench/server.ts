export { type RunningServer as BenchServer, type ServerOptions as BenchServerOptions, startServer } from '../e2e/support/server.ts'
// The benchmarks measure the server that the user stories use: the built one, in a process of its own.
