"""Losses of the published objective."""


def sinkhorn_loss(blur):
    """Debiased Sinkhorn divergence (p = 2) between two point clouds (n, d), (m, d), in tissue widths."""
    from geomloss import SamplesLoss

    return SamplesLoss("sinkhorn", p=2, blur=blur, backend="tensorized")


def nearest_expression_loss(x, latent, measured_x, measured_latent):
    """Squared error between a predicted cell's latent values and those of the nearest measured cell."""
    from isost_core.sections.spacing import nearest

    index = nearest(x.detach(), measured_x, 1)[:, 0]
    return (latent - measured_latent[index]).square().mean()
