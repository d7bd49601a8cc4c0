import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * By which name a certificate is verified that is met at a host: undefined for the host's own, where the certificate (PEM) has it; else the
 * first name that it has. A certificate of an installation does not know at which address of a cluster it will be met.
 */
export function certificateName(pem: string | undefined, host: string): string | undefined {
  if (!pem) return undefined
  const certificate = new X509Certificate(pem)
  const isNamed = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)
  if (isNamed) return undefined
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s*"]+)(?=,|$)/g)].map(([, name]) => name!)
  return names.find(name => name !== 'localhost') ?? names[0]
}
