import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * Returns the name by which to verify the certificate (PEM) of a host. Undefined if the certificate contains the host's name. Otherwise it
 * is the first name in the certificate, which was made before the installation's address was known.
 */
export function certificateName(pem: string | undefined, host: string): string | undefined {
  if (!pem) return undefined
  const certificate = new X509Certificate(pem)
  const isNamed = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)
  if (isNamed) return undefined
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s*"]+)(?=,|$)/g)].map(([, name]) => name!)
  return names.find(name => name !== 'localhost') ?? names[0]
}
