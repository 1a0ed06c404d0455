"""What runs beside other people's code: it knows no expected value and imports nothing of ours."""
