# The smallest proof that the cluster runs work: one process, somewhere, that says where it is.
# No image and no artifact, so it needs no registry and no internet.
job "hello-world" {
  type        = "batch"
  datacenters = ["*"]

  group "hello" {
    reschedule {
      attempts  = 0
      unlimited = false
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    task "greet" {
      driver = "raw_exec"

      config {
        command = "/bin/echo"
        args    = ["Hello from ${node.unique.name}!"]
      }

      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
