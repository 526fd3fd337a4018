import { describe, expect, test } from 'vitest'
import { ConfigError } from '../base/errors.ts'
import { readConfig } from './config.ts'

describe('the configuration', () => {
  test('has defaults', () => {
    expect(readConfig([], { HOME: '/home/a' })).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      lan: false,
      demo: false,
      open: false,
      logLevel: 'info',
    })
  })

  test('comes from the command line before the environment', () => {
    const env = { PORTHOLE_PORT: '9000', PORTHOLE_DEMO: 'true', PORTHOLE_PUBLIC_URL: 'https://cam.example/', PORTHOLE_DATA: '/srv/data' }
    expect(readConfig(['--port', '7000'], env)).toMatchObject({ port: 7000, demo: true, data: '/srv/data' })
    expect(readConfig([], env)).toMatchObject({ port: 9000, publicUrl: new URL('https://cam.example') })
    expect(readConfig(['--no-demo'], env).demo).toBe(false)
  })

  test.each([
    [['--port', 'x'], {}, '--port x'],
    [['--port', '70000'], {}, '--port 70000'],
    [['--port', '-1'], {}, '--port'],
    [['--prot', '1'], {}, '--prot'],
    [['stray'], {}, 'stray'],
    [['--lan', '--host', '10.0.0.1'], {}, '--lan and --host'],
    [['--host', 'a b'], {}, '--host a b'],
    [['--public-url', 'cam.example'], {}, '--public-url cam.example'],
    [['--public-url', 'ftp://cam.example'], {}, '--public-url'],
    [['--log-level', 'loud'], {}, '--log-level loud'],
    [['--trust-proxy', '10.0.0.0/33'], {}, '--trust-proxy: "10.0.0.0/33"'],
    [['--tls-cert', 'a.pem'], {}, '--tls-key is missing'],
    [['--acme'], {}, 'a certificate needs a name: say --public-url'],
    [['--acme', '--public-url', 'http://cam.example'], {}, '--public-url http://cam.example'],
    [['--acme', '--public-url', 'https://10.0.0.1'], {}, '--public-url says 10.0.0.1'],
    [['--acme', '--public-url', 'https://localhost'], {}, '--public-url says localhost'],
    [['--acme', '--tls-cert', 'a.pem', '--tls-key', 'a.key'], {}, '--acme and --tls-cert exclude each other'],
    [['--config', '/nowhere.json'], {}, '--config /nowhere.json: cannot be read'],
    [[], { PORTHOLE_DEMO: 'perhaps' }, 'PORTHOLE_DEMO'],
    [[], { PORTHOLE_OWNER_PASSWORD: 'short' }, 'PORTHOLE_OWNER_PASSWORD'],
  ])('%j %j is refused by name', (argv, env, named) => {
    expect(() => readConfig(argv, env)).toThrow(ConfigError)
    expect(() => readConfig(argv, env)).toThrow(named)
  })

  test('orders a certificate for the name that users know', () => {
    expect(readConfig(['--acme', '--public-url', 'https://Cam.Example:8443/sub'], {}).acme).toEqual({
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      names: ['cam.example'],
      email: undefined,
      externalAccount: undefined,
    })
    expect(readConfig([], {}).acme).toBe(undefined)
  })

  test('never repeats a password', () => {
    expect(() => readConfig([], { PORTHOLE_OWNER_PASSWORD: 'hunter2' })).not.toThrow('hunter2')
  })
})
