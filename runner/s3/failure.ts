/** What an S3 server or the way to it answered -> what is wrong and what helps. Keys are named by their end at most. */
import { BuildStackError } from '../errors.ts'

/** The parts of an answer that tell what it is; the S3 library's errors have them. */
export interface StoreAnswer {
  /** S3's code, "NoSuchBucket", or the system's, "ECONNREFUSED". */
  code: string
  /** HTTP status; undefined when there was no answer. */
  status: number | undefined
  message: string
}

export interface StorePlace {
  bucket: string
  /** As configured; "Amazon S3" without one. */
  endpoint: string
  /** First characters of the access key, to tell which one it was; undefined when none was found. */
  accessKey: string | undefined
  /** Of ~/.aws/credentials, if one was asked for. */
  section?: string | undefined
  key?: string | undefined
}

export function storeFailure(answer: StoreAnswer, place: StorePlace, cause?: unknown): BuildStackError {
  const { message, next } = explain(answer, place)
  return new BuildStackError('STORE', message, { ...(next ? { next } : {}), cause })
}

const CLOCK = 'Set this machine’s clock.'

function explain(
  { code, status, message }: StoreAnswer,
  place: StorePlace,
): { message: string; next?: string } {
  const { bucket, endpoint, accessKey, section, key } = place
  const whose = accessKey === undefined ? '' : ` (${accessKey}…)`
  const what = key === undefined ? `the bucket ${bucket}` : JSON.stringify(key)
  switch (code) {
    case 'NoSuchBucket':
      return {
        message: `there is no bucket "${bucket}" at ${endpoint}`,
        next: 'Correct "bucket" of the profile, or run sync with --create-bucket.',
      }
    case 'InvalidAccessKeyId':
    case 'InvalidClientTokenId':
      return {
        message: `${endpoint} does not know the access key${whose}`,
        next: 'Correct access_key_id, or what the environment or ~/.aws/credentials says.',
      }
    case 'SignatureDoesNotMatch':
      return {
        message: `${endpoint} refused the secret of the access key${whose}`,
        next: 'Correct secret_access_key, or what the environment or ~/.aws/credentials says.',
      }
    case 'ExpiredToken':
    case 'InvalidToken':
      return {
        message: `${endpoint} does not take the session token of the access key${whose}${code === 'ExpiredToken' ? ' any more' : ''}`,
        next: 'Get new credentials for a session, with AWS_SESSION_TOKEN or in ~/.aws/credentials.',
      }
    case 'CredentialsProviderError':
      return {
        message: `no credentials for S3 were found${section === undefined ? '' : ` in the section "${section}" of ~/.aws/credentials`}`,
        next: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write ~/.aws/credentials, or put access_key_id and secret_access_key into the profile.',
      }
    case 'AccessDenied':
    case 'Forbidden':
    case '403':
      return {
        message: `${endpoint} does not let this access key${whose} use ${what}`,
        next: 'Give it the right to list, read, write and delete there.',
      }
    case 'RequestTimeTooSkewed':
      return { message: `this machine's clock differs too much from that of ${endpoint}`, next: CLOCK }
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return {
        message: `the bucket ${bucket} is in another region`,
        next: 'Set "region" of the profile to the region of the bucket.',
      }
    case 'BucketAlreadyExists':
      return {
        message: `the bucket "${bucket}" belongs to somebody else`,
        next: 'Choose another name: names of buckets are shared by all.',
      }
    case 'InvalidBucketName':
      return {
        message: `${endpoint} does not take "${bucket}" as the name of a bucket`,
        next: 'Names have 3 to 63 small letters, digits, "." and "-".',
      }
    case 'AccessControlListNotSupported':
      return {
        message: `the bucket ${bucket} has no ACLs`,
        next: 'Remove bucket_acl and object_acl from the profile, or allow ACLs for the bucket.',
      }
    case 'SlowDown':
    case 'ServiceUnavailable':
    case 'Busy':
      return { message: `${endpoint} is overloaded, and stayed so`, next: 'Run it again later.' }
    case 'TimeoutError':
      return { message: `${endpoint} does not answer`, next: 'Check the network, and run it again.' }
    case 'ECONNREFUSED':
      return { message: `${endpoint}: connection refused`, next: 'Check "endpoint" of the profile.' }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { message: `${endpoint}: there is no such name`, next: 'Check "endpoint" of the profile.' }
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return {
        message: `the certificate of ${endpoint} is signed by nobody known`,
        next: 'Set "ca" of the profile to the file of the certificate that signed it.',
      }
    default:
      return status === undefined
        ? {
            message: `${endpoint}: ${message || code}`,
            next: 'Check "endpoint" and the network, and run it again.',
          }
        : { message: `${endpoint} answered ${status} ${code} for ${what}` }
  }
}
