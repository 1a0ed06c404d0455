"""What runs beside somebody else's code: nothing here knows an expected value or imports the rest."""
