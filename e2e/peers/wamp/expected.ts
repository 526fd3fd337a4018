/** What the scripts `features` tell of a router that does as the specification says, whoever's client it is. */
export const FEATURES = {
  values: true,
  slow: [16, 9],
  error: ['com.myapp.error', ['bad', 23], { severity: 'high' }],
  'no procedure': 'wamp.error.no_such_procedure',
  'procedure exists': 'wamp.error.procedure_already_exists',
  progress: [[0, 1, 2], 3],
  'no progress asked': 3,
  caller: [true, 'anonymous'],
  timeout: 'wamp.error.timeout',
  acknowledged: true,
  unsubscribed: true,
  'pattern events': [
    ['exact', 'com.pattern.b'],
    ['prefix', 'com.pattern.a'],
    ['prefix', 'com.pattern.b'],
    ['prefix', 'com.patterns'],
    ['wildcard', 'com.other.b'],
    ['wildcard', 'com.pattern.b'],
  ],
  'call com.rpc.a': ['prefix', 'com.rpc', 'com.rpc.a'],
  'call com.rpc.b': ['exact', 'com.rpc.b', 'com.rpc.b'],
  'call com.rpc.deep.b': ['prefix', 'com.rpc.deep', 'com.rpc.deep.b'],
  'call com.any.b': ['wildcard', 'com..b', 'com.any.b'],
  unregistered: ['prefix', 'com.rpc'],
  roundrobin: [0, 1, 0, 1, 0, 1],
  first: [0, 0, 0, 0, 0, 0],
  last: [1, 1, 1, 1, 1, 1],
  'another policy': 'wamp.error.procedure_exists_with_different_invocation_policy',
  'callee gone': 'wamp.error.canceled',
  'procedure gone': 'wamp.error.no_such_procedure',
  end: true,
}

/** Of the clients of npm, whose scripts judge more by themselves. */
export const NODE_FEATURES = {
  ...FEATURES,
  'runtime error': true,
  heard: true,
  'heard by the publisher': true,
  'heard by others': true,
}

/** Calls that a caller cancels of a callee that knows no INTERRUPT, and that others are answered after its late result. */
export const canceled = (...modes: string[]) =>
  Object.fromEntries(modes.flatMap((mode) => [[`cancel ${mode}`, 'wamp.error.canceled'] as const, [`after ${mode}`, 1] as const]))

/** What two clients are called that served a shared procedure at random. */
export const isOneOfTwo = (numbers: unknown) => (numbers as number[]).every((number) => number === 0 || number === 1)
