/** Why a file could not be used, in a few words. */

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ELOOP: 'its links go round in circles',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk has a fault there',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
}

export function systemReason(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return (code && REASONS[code]) || code || error.message
}
