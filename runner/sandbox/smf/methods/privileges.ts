/**
 * The names that a list of privileges may have.
 * Read in illumos: uts/common/os/priv_defs, and privileges(5) and
 * priv_str_to_set(3C) for the words basic, all, zone and none, a leading "!" or "-", and PRIV_ in front of a name.
 */
const NAMES = new Set(
  `
  contract_event contract_identity contract_observer cpc_cpu dtrace_kernel dtrace_proc dtrace_user
  file_chown file_chown_self file_dac_execute file_dac_read file_dac_search file_dac_write
  file_downgrade_sl file_flag_set file_link_any file_owner file_read file_setid file_upgrade_sl
  file_write graphics_access graphics_map ipc_dac_read ipc_dac_write ipc_owner net_access
  net_bindmlp net_icmpaccess net_mac_aware net_mac_implicit net_observability net_privaddr
  net_rawaccess proc_audit proc_chroot proc_clock_highres proc_exec proc_fork proc_info
  proc_lock_memory proc_owner proc_priocntl proc_prioup proc_session proc_setid proc_taskid
  proc_zone sys_acct sys_admin sys_audit sys_config sys_devices sys_dl_config sys_ip_config
  sys_ipc_config sys_iptun_config sys_linkdir sys_mount sys_net_config sys_nfs sys_ppp_config
  sys_res_bind sys_res_config sys_resource sys_smb sys_suser_compat sys_time sys_trans_label
  virt_manage win_colormap win_config win_dac_read win_dac_write win_devices win_dga
  win_downgrade_sl win_fontpath win_mac_read win_mac_write win_selection win_upgrade_sl
  xvm_control
`
    .trim()
    .split(/\s+/),
)
const SETS = new Set(['basic', 'all', 'zone', 'none'])

/** The first word of a list with commas that is no privilege; undefined when all are. */
export function unknownPrivilege(list: string): string | undefined {
  return list.split(',').find((word) => {
    const name = word
      .toLowerCase()
      .replace(/^[!-]/, '')
      .replace(/^priv_/, '')
    return !NAMES.has(name) && !SETS.has(name)
  })
}
