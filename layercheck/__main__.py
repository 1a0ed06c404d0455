"""`python -m layercheck`."""

import sys

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]  # the working directory: what lies there is the user's
    own = __file__.rsplit("layercheck", 1)[0].rstrip("/\\")
    if own not in sys.path:
        sys.path.append(own)
    from layercheck.cli import main

    main()
