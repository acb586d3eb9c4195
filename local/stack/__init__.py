"""The whole stack on this machine: build the template, start the emulator, deploy to it, talk to it."""
