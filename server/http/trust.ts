import { createHash, X509Certificate } from 'node:crypto'
import type { FastifyPluginCallback } from 'fastify'
import { PortholeError } from '../base/errors.ts'

export interface TrustOptions {
  /** The local authority's certificate, PEM; undefined when the operator brought a certificate of their own. */
  readonly authority: () => Promise<string | undefined>
}

/**
 * `/trust`: how a phone is told to trust this server's own authority, with the certificate and an Apple profile of it. Open to
 * all, over http too: it is what one needs before https works without a warning, and it holds no secret.
 */
export const trustRoutes =
  ({ authority }: TrustOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const known = async (): Promise<string> => {
      const pem = await authority()
      if (!pem) throw new PortholeError('request.not-found', 'this server has a certificate of its own: there is nothing to trust')
      return pem
    }
    app.get('/trust', { config: { role: 'public' } }, async (_request, reply) => {
      const { fingerprint256 } = new X509Certificate(await known())
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
        .header('cache-control', 'no-store')
        .send(page(fingerprint256))
    })
    app.get('/trust/porthole.crt', { config: { role: 'public' } }, async (_request, reply) =>
      reply
        .type('application/x-x509-ca-cert')
        .header('content-disposition', 'attachment; filename="porthole.crt"')
        .header('cache-control', 'no-store')
        .send(await known()),
    )
    app.get('/trust/porthole.mobileconfig', { config: { role: 'public' } }, async (_request, reply) =>
      reply
        .type('application/x-apple-aspen-config')
        .header('content-disposition', 'attachment; filename="porthole.mobileconfig"')
        .header('cache-control', 'no-store')
        .send(appleProfile(await known())),
    )
    done()
  }

/** A configuration profile with one root certificate (Apple, Configuration Profile Reference: com.apple.security.root). */
function appleProfile(pem: string): string {
  const { raw } = new X509Certificate(pem)
  const der = raw.toString('base64').replace(/(.{52})/g, '$1\n')
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadIdentifier</key><string>porthole.authority.certificate</string>
      <key>PayloadUUID</key><string>${uuid(raw, 'certificate')}</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadDisplayName</key><string>Porthole, local authority</string>
      <key>PayloadCertificateFileName</key><string>porthole.crt</string>
      <key>PayloadContent</key>
      <data>
${der}
      </data>
    </dict>
  </array>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadIdentifier</key><string>porthole.authority</string>
  <key>PayloadUUID</key><string>${uuid(raw, 'profile')}</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadDisplayName</key><string>Porthole</string>
  <key>PayloadDescription</key><string>Lets this device trust one Porthole server, for its own names and addresses only.</string>
</dict>
</plist>
`
}

/** The same for the same certificate, so that a profile installed again replaces itself. */
function uuid(raw: Buffer, what: string): string {
  const hex = createHash('sha256').update(raw).update(what).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-').toUpperCase()
}

const page = (fingerprint: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust this Porthole</title>
<style>
:root { color-scheme: light dark; --ink: #0d2a33; --soft: #41606a; --paper: #eaf0ef; --card: #fbfdfc; --line: #c9d6d6; --accent: #0b7a5b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6f0ef; --soft: #9fb6ba; --paper: #0c1a1f; --card: #12252b; --line: #27424a; --accent: #57c9a2; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin-top: 1rem; }
ol { margin: .5rem 0 0; padding-left: 1.25rem; }
a { color: var(--accent); }
a.get { display: inline-block; padding: .6rem 1rem; border-radius: .5rem; background: var(--accent); color: var(--card); text-decoration: none; font-weight: 600; }
code { font-size: .8rem; overflow-wrap: anywhere; color: var(--soft); }
p { margin: .25rem 0; }
</style>
</head>
<body>
<main>
<h1>Trust this Porthole</h1>
<p>Browsers give a camera only to pages they trust. This server made its own certificate authority, which can vouch for this machine's names and addresses and for nothing else.</p>
<section>
<h2>Without installing anything</h2>
<p>Open this server with <strong>https</strong> and go past the warning (“Advanced”, then “Proceed” or “Visit this website”). The camera works; the browser asks again now and then.</p>
</section>
<section>
<h2>iPhone and iPad</h2>
<p><a class="get" href="trust/porthole.mobileconfig">Get the profile</a></p>
<ol><li>Open it in Safari and allow the download.</li><li>Settings → Profile Downloaded → Install.</li><li>Settings → General → About → Certificate Trust Settings: switch “Porthole …” on.</li></ol>
</section>
<section>
<h2>Android, computers</h2>
<p><a class="get" href="trust/porthole.crt">Get the certificate</a></p>
<ol><li>Android: Settings → Security → Encryption &amp; credentials → Install a certificate → CA certificate.</li><li>Windows: open it, Install, “Trusted Root Certification Authorities”. macOS: open it in Keychain Access, then “Always Trust”. Firefox: Settings → Certificates → Authorities → Import.</li></ol>
</section>
<section>
<h2>Is it really this server's?</h2>
<p>Compare the fingerprint (SHA-256) with the one in the server's terminal:</p>
<p><code>${fingerprint}</code></p>
</section>
</main>
</body>
</html>
`
