"""Registers the installation with Django, for its management commands and checks."""

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "config"
    verbose_name = "Installation"
