"""Why a job did not run.

::

    ValetkeyError
    ├── JobLeftOut       a pipeline like this would not have the job
    ├── JobUnusable      the job asks for what no process can be given
    └── ShellUnavailable there is no shell here, or it did not start
"""

from valetkey.errors import ValetkeyError


class JobLeftOut(ValetkeyError):
    """The job's rules leave it out of a pipeline like this one."""

    code = "job-left-out"


class JobUnusable(ValetkeyError):
    """A value of the job can't be used: an empty audience, a variable that no process can hold."""

    code = "job-unusable"


class ShellUnavailable(ValetkeyError):
    """No shell could be started for the job."""

    code = "shell-unavailable"
