/**
 * What svcadm says about its use.
 * Read in illumos: svcadm/svcadm.c (usage, usage_milestone).
 */

export const USAGE = `Usage: svcadm [-S <state>] [-v] [-Z | -z zone] [cmd [args ... ]]

\tsvcadm enable [-rst] [<service> ...]\t- enable and online service(s)
\tsvcadm disable [-c comment] [-st] [<service> ...] - disable service(s)
\tsvcadm restart [-d] [<service> ...]\t- restart specified service(s)
\tsvcadm refresh [<service> ...]\t\t- re-read service configuration
\tsvcadm mark [-It] <state> [<service> ...] - set maintenance state
\tsvcadm clear [<service> ...]\t\t- clear maintenance state
\tsvcadm milestone [-d] <milestone>\t- advance to a service milestone

\tServices can be specified using an FMRI, abbreviation, or fnmatch(5)
\tpattern, as shown in these examples for svc:/network/smtp:sendmail

\tsvcadm <cmd> svc:/network/smtp:sendmail
\tsvcadm <cmd> network/smtp:sendmail
\tsvcadm <cmd> network/*mail
\tsvcadm <cmd> network/smtp
\tsvcadm <cmd> smtp:sendmail
\tsvcadm <cmd> smtp
\tsvcadm <cmd> sendmail
`

export const MILESTONE_USAGE = `Usage: svcadm milestone [-d] <milestone>

\t-d\tmake the specified milestone the default for system boot

\tMilestones can be specified using an FMRI or abbreviation.
\tThe major milestones are as follows:

\tall
\tnone
\tsvc:/milestone/single-user:default
\tsvc:/milestone/multi-user:default
\tsvc:/milestone/multi-user-server:default
`
