#!/bin/sh
# Makes the namespace, and keeps closed workflows for 30 days instead of one.
set -eu
temporal operator namespace describe -n default \
  || temporal operator namespace create --retention 720h -n default
temporal operator namespace update --retention 720h -n default
