"""An error that AWS answers with, by its code."""

import warnings

from moto.core.exceptions import ServiceException


class AwsError(ServiceException):
    """moto finds the right form for it in the model of the service that was called.

    Not moto's own class: of an error from `moto.<package>`, moto expects a service of that package's name.
    """


# A few codes are common to all of AWS or are ours, and stand in no service's model.
warnings.filterwarnings("ignore", message=r"Exception\(AwsError\).*does not match an error shape")
