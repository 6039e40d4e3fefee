# Made by Lakitu from roles/consul/templates/consul.hcl: edit that.
node_name  = "{{ inventory_hostname }}"
datacenter = "{{ datacenter }}"
data_dir   = "/opt/consul"

bind_addr      = "{{ address }}"
advertise_addr = "{{ address }}"
client_addr    = "0.0.0.0"

retry_join     = {{ server_addresses | to_json }}
retry_interval = "2s"

# A stopped agent comes back: it must not tell the others that it has left.
leave_on_terminate      = false
skip_leave_on_interrupt = true

disable_update_check = true

{# Quick elections: the default of 5 is for slow machines, and costs 5 s at each restart of a server. #}
performance {
  raft_multiplier = 1
}

{% if inventory_hostname in groups.servers %}
server           = true
bootstrap_expect = {{ groups.servers | length }}

{% if consul_version is version('1.9', '>=') %}
ui_config {
  enabled = true
}
{% else %}
ui = true
{% endif %}
{% endif %}
{# ---- Gossip encryption: encrypt = "…". Read at the first start only; afterwards keys change with `consul keyring`. #}
{# ---- TLS: from 1.12 on a tls {} stanza, before that ca_file and verify_* at the top; auto_encrypt for the clients. #}
{# ---- ACLs: acl {} with default_policy = "deny" and the agent's token. #}
