import { spawnSync } from 'node:child_process'

/** Set in the process that runs in a network of its own. */
const INSIDE = 'PORTHOLE_BENCH_NETWORK'
/**
 * Loopback up; as many ports as there are; and few of the tens of thousands of closed connections that the kernel else keeps
 * for a minute, among which each new one must be looked up.
 */
const SET_UP =
  'ip link set lo up && echo "1024 65000" > /proc/sys/net/ipv4/ip_local_port_range && echo 1000 > /proc/sys/net/ipv4/tcp_max_tw_buckets'

/** Runs this benchmark again in a network namespace of its own, where that can be done (as root on Linux); does not return then. */
export function ownNetwork(): void {
  if (process.env[INSIDE] || process.platform !== 'linux' || process.getuid?.() !== 0) return
  const tried = spawnSync('unshare', ['-n', 'sh', '-c', SET_UP], { encoding: 'utf8' })
  if (tried.status !== 0) {
    const why = tried.error?.message ?? tried.stderr.trim()
    return console.log(`no network of its own (${why}): closed connections of one measurement slow the next`)
  }
  const command = ['-n', 'sh', '-c', `${SET_UP} && exec "$0" "$@"`, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const { status } = spawnSync('unshare', command, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } })
  process.exit(status ?? 1)
}
