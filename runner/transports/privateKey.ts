/** What a private key file says before it is decrypted: whether it is encrypted, and its public key. Pure. */

export type PrivateKeyOutline =
  | { kind: 'key'; encrypted: boolean; publicKey: Buffer | undefined }
  /** `reason` completes "FILE ...". */
  | { kind: 'unusable'; reason: string; next: string }

const OPENSSH_MAGIC = 'openssh-key-v1\0'

export function outlinePrivateKey(text: string, file: string): PrivateKeyOutline {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1]
  if (label === 'OPENSSH PRIVATE KEY') return outlineOpenSsh(text, file)
  if (label !== undefined && /^(RSA|DSA|EC) PRIVATE KEY$/.test(label)) {
    return { kind: 'key', encrypted: /^Proc-Type: *4, *ENCRYPTED/m.test(text), publicKey: undefined }
  }
  if (label !== undefined && /PRIVATE KEY$/.test(label)) {
    const next = `Write it in OpenSSH's format: ssh-keygen -p -f ${file}`
    return { kind: 'unusable', reason: `is a key in PKCS #8 format, which is not supported`, next }
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/]+/.test(text) || label?.endsWith('PUBLIC KEY')) {
    const next = `Name the private key: ${file.replace(/\.pub$/, '')}`
    return { kind: 'unusable', reason: 'is a public key', next }
  }
  return { kind: 'unusable', reason: 'is not a private key', next: `Check it with: ssh-keygen -y -f ${file}` }
}

// Magic, cipher, key derivation, its options, the number of keys, the first public key: all readable.
function outlineOpenSsh(text: string, file: string): PrivateKeyOutline {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1] ?? ''
  const data = Buffer.from(base64, 'base64')
  let position = OPENSSH_MAGIC.length
  const next = (): Buffer => {
    const start = position + 4
    position = start + data.readUInt32BE(position)
    return data.subarray(start, position)
  }
  try {
    if (data.toString('latin1', 0, position) !== OPENSSH_MAGIC) throw new RangeError('magic')
    const cipher = next().toString('latin1')
    next()
    next()
    position += 4
    const publicKey = next()
    if (position > data.length) throw new RangeError('truncated')
    return { kind: 'key', encrypted: cipher !== 'none', publicKey }
  } catch {
    const action = `Check it with: ssh-keygen -y -f ${file}`
    return { kind: 'unusable', reason: 'is a damaged private key', next: action }
  }
}
