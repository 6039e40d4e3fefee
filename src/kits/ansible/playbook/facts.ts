/** What Ansible itself says to every task, or is told about a host: no fact that a host is asked for. */
const magic = new RegExp(
  `^ansible_(${[
    'check_mode|diff_mode|managed|version|verbosity|forks|config_file|inventory_sources|playbook_python|search_path',
    'play_\\w+|role_\\w+|parent_role_\\w+|dependent_role_names|collection_name|run_tags|skip_tags|limit',
    'loop|loop_var|index_var|failed_task|failed_result',
    'host|port|user|password|connection|ssh_\\w+|become\\w*|sudo\\w*|su_\\w+|paramiko\\w*|winrm\\w*|psrp\\w*',
    'python_interpreter|\\w+_interpreter|shell_\\w+|remote_tmp|remote_user|async_dir|pipelining|network_os|timeout|private_\\w+',
    'builtin|posix|core|cfg',
  ].join('|')})$`,
)

/** `ansible_facts`, `ansible_eth0`: something that a host was asked for. */
export function isFact(word: string): boolean {
  return word.startsWith('ansible_') && !magic.test(word)
}
