import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * The name to verify the certificate (PEM) of a host by. Undefined if the certificate has the host's own name; else its first name, because
 * the certificate of an installation is made before its address is known.
 */
export function certificateName(pem: string | undefined, host: string): string | undefined {
  if (!pem) return undefined
  const certificate = new X509Certificate(pem)
  const isNamed = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)
  if (isNamed) return undefined
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s*"]+)(?=,|$)/g)].map(([, name]) => name!)
  return names.find(name => name !== 'localhost') ?? names[0]
}
