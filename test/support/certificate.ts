import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from './folder.ts'

/** A certificate for `secure.invalid` that its own key has signed, made for one test. */
export async function certificate() {
  const folder = await testFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = 'subjectAltName=DNS:secure.invalid,IP:127.0.0.1'
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', [...words, '-keyout', key, '-out', cert, '-subj', '/CN=secure.invalid', '-addext', names], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), path: cert }
}
