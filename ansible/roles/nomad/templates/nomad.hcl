# Made by Lakitu from roles/nomad/templates/nomad.hcl: edit that.
name       = "{{ inventory_hostname }}"
region     = "{{ region }}"
datacenter = "{{ datacenter }}"
data_dir   = "/opt/nomad/data"

bind_addr = "0.0.0.0"

advertise {
  http = "{{ address }}"
  rpc  = "{{ address }}"
  serf = "{{ address }}"
}

# A stopped agent comes back: it must not tell the others that it has left.
leave_on_interrupt = false
leave_on_terminate = false

disable_update_check = true

{% if 'consul' in components %}
consul {
  address = "127.0.0.1:8500"
}
{% else %}
consul {
  auto_advertise   = false
  server_auto_join = false
  client_auto_join = false
}
{% endif %}

{% if inventory_hostname in groups.servers %}
server {
  enabled          = true
  bootstrap_expect = {{ groups.servers | length }}
{# ---- Gossip encryption: encrypt = "…". Read at the first start only; afterwards keys change with `nomad operator gossip keyring`. #}

  server_join {
    retry_join     = {{ server_addresses | to_json }}
    retry_interval = "2s"
  }
}
{% endif %}
{% if inventory_hostname in groups.clients | default([]) %}

client {
  enabled = true

  # The interface that holds this host's own address; the first one is often a hypervisor's NAT.
  network_interface = "{{ '{{' }} GetAllInterfaces | include \"address\" \"^{{ address | replace('.', '[.]') }}(/|$)\" | attr \"name\" {{ '}}' }}"

  # Asking which public cloud this is takes 8 s at each start where nobody answers.
  options = {
    "fingerprint.denylist" = "env_aws,env_azure,env_digitalocean,env_gce"
  }

  server_join {
    retry_join     = {{ server_addresses | to_json }}
    retry_interval = "2s"
  }
}

# Tasks that run as plain processes: a playground has no registry, and LXC no containers inside.
plugin "raw_exec" {
  config {
    enabled = true
  }
}
{% endif %}
{# ---- TLS: tls { http rpc ca_file cert_file key_file verify_server_hostname }; verify_https_client stays false, or Consul cannot read the JWKS. #}
{# ---- ACLs: acl { enabled = true }, then bootstrap; consul { service_identity task_identity } on the servers. #}
