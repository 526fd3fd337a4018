import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type { KeyPair } from './key-pairs.ts'

/** Days that the authority, and a server certificate, are valid. Apple refuses server certificates of more than 825 days, others of more than 398. */
const AUTHORITY_DAYS = 3650
const SERVER_DAYS = 397
const DAY_MS = 86_400_000
/** Certificates are valid from a day before: clocks of phones differ. */
const SKEW_MS = DAY_MS

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The library is loaded when something must be made, which is seldom; its container wants the polyfill first. */
async function load() {
  await import('reflect-metadata')
  const [x509, asn1, schema] = await Promise.all([import('@peculiar/x509'), import('@peculiar/asn1-x509'), import('@peculiar/asn1-schema')])
  return { x509, ...asn1, AsnConvert: schema.AsnConvert }
}

/**
 * A certificate authority that can vouch for these names and addresses alone (name constraints, RFC 5280 §4.2.1.10).
 * @param names host names and IP addresses
 */
export async function makeAuthority(names: readonly string[], now: Date): Promise<KeyPair> {
  const { x509, NameConstraints, GeneralSubtrees, GeneralSubtree, GeneralName, AsnConvert, id_ce_nameConstraints } = await load()
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const permitted = names.map((name) => {
    const version = isIP(name)
    return new GeneralSubtree({
      base: new GeneralName(version === 0 ? { dNSName: name } : { iPAddress: `${name}/${version === 4 ? 32 : 128}` }),
    })
  })
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted) })
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [`Porthole of ${names[0]} (${now.toISOString().slice(0, 10)})`] }, { O: ['Porthole'] }],
    notBefore: new Date(now.getTime() - SKEW_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints)),
    ],
  })
  return { key: await pemOf(keys.privateKey), cert: `${certificate.toString('pem')}\n` }
}

/** A server certificate of the authority for the names; the chain (itself, then the authority) is its `cert`. */
export async function makeServerCertificate(authority: KeyPair, names: readonly string[], now: Date): Promise<KeyPair> {
  const { x509 } = await load()
  const issuer = new x509.X509Certificate(authority.cert)
  const signingKey = await webcrypto.subtle.importKey('pkcs8', derOf(authority.key), ALGORITHM, false, ['sign'])
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [names[0] as string] }],
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - SKEW_MS),
    notAfter: new Date(now.getTime() + SERVER_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: await pemOf(keys.privateKey), cert: `${certificate.toString('pem')}\n${authority.cert}` }
}

/** The names and addresses that an authority may vouch for. */
export async function permittedNames(cert: string): Promise<string[]> {
  const { x509, NameConstraints, AsnConvert, id_ce_nameConstraints } = await load()
  const extension = new x509.X509Certificate(cert).getExtension(id_ce_nameConstraints)
  if (!extension) return []
  const { permittedSubtrees = [] } = AsnConvert.parse(extension.value, NameConstraints)
  return [...permittedSubtrees].map(({ base }) => base.dNSName ?? base.iPAddress?.split('/', 1)[0] ?? '')
}

/** 16 random bytes, positive (RFC 5280 §4.1.2.2). */
const serial = () => `01${randomBytes(15).toString('hex')}`

const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/(.{64})(?!$)/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
}
